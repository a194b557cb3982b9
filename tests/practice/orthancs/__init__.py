"""What Orthancs tell, and what is fetched from them."""
