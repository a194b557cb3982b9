#!/bin/sh
# The calls of a practice-management system by curl. FOVEA_URL, and FOVEA_TOKEN or FOVEA_USER and FOVEA_PASSWORD, say
# where and who. It ends at the first call that is refused.
set -eu

URL=${FOVEA_URL:-http://127.0.0.1:8000}
if [ -n "${FOVEA_TOKEN:-}" ]; then
    who="Authorization: Bearer $FOVEA_TOKEN"
else
    who="Authorization: Basic $(printf '%s:%s' "${FOVEA_USER:-admin}" "${FOVEA_PASSWORD:-}" | base64 | tr -d '\n')"
fi
fovea() { curl --silent --show-error --fail-with-body --header "$who" "$@"; echo; }
json() { fovea --header 'Content-Type: application/json' "$@"; }
# The first number of this name in an answer.
number() { sed -n "s/.*\"$1\": *\([0-9][0-9]*\).*/\1/p" | head -n 1; }

echo '# A lead: sending it again changes the same one.'
json --request POST "$URL/api/leads" --data '{
    "externalId": "curl-1", "familyName": "Moreau", "givenName": "Éloïse", "birthDate": "1985-04-12", "sex": "F",
    "phones": ["+41 44 123 45 67"]}'
lead=$(fovea "$URL/api/leads?externalId=curl-1&fields=id" | number id)

echo '# An appointment at a device: the device finds it on its worklist.'
booked=$(json --request POST "$URL/api/appointments" --header "Idempotency-Key: curl-$$" --data '{
    "leadId": '"$lead"', "startAt": "2030-01-07T09:30", "minutes": 20, "modality": "PX", "stationTitle": "PANO1",
    "description": "Panoramic X-ray", "practitioner": "Tooth, Tim"}')
echo "$booked"
appointment=$(echo "$booked" | sed 's/,.*//' | number id)

echo '# The same day on the worklist, and the appointment at another time, then called off.'
fovea "$URL/api/dental/dicom/worklist?date=2030-01-07&leadId=$lead&fields=id,state,patientName,startTime"
json --request PATCH "$URL/api/appointments/$appointment" --data '{"startAt": "2030-01-07T11:00"}'
json --request POST "$URL/api/appointments/$appointment/cancel" --data '{"reason": "called off"}'

echo '# An X-ray of the lead: a picture becomes a DICOM object, a DICOM file stays as it is.'
picture=$(mktemp)
trap 'rm -f "$picture"' EXIT
printf 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==' | base64 -d > "$picture"
fovea --form "file=@$picture;filename=bitewing.png" --form "leadId=$lead" --form 'xrayType=BITEWING' \
    --form 'dateTaken=2024-05-17' --form 'teeth=16, 17' --form 'userId=reception-2' "$URL/api/dental/xrays"
fovea "$URL/api/dental/xrays?leadId=$lead&fields=id,xrayType,dateTaken,viewerUrl"

echo '# What waits for a person to say whose it is.'
fovea "$URL/api/matches?state=needsReview"
